"""The whole product on one machine: the two local services, the function, a spreadsheet to look at."""
