// Values of a figure on hover, focus and arrow keys. Without this script its table has them.
