// Count the cells of a selection and draw them. Without this script the tables below are there.
