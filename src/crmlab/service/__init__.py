"""Did we keep our promises: visits, service levels, complaints, satisfaction."""
