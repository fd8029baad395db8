"""Who will leave, who will renew, and when: survival of service contracts."""
