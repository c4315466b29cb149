// Open what stands behind a number. Without this script its evidence id still names the cell.
