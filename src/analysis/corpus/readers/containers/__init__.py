"""What a file is made of: tables of strings, whatever the container."""
