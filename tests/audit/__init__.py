"""What `make audit` does; it needs the packages of requirements.txt beside it."""
