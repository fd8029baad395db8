"""What after-sales service adds to the value of customers, link by link: first fix, complaint, renewal, value."""
