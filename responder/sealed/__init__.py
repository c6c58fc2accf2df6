"""What only one phone, or only the network, can read: pages, pictures, private reports."""
