"""`make audit`, which needs the packages in this folder's requirements.txt."""
