"""The product on one machine: the two local services, the function, and a spreadsheet to look at."""
