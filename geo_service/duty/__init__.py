"""What kind of day it is, and which intervals and shifts hold on it: day types, duty levels and their rules."""
