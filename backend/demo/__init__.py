"""A fictional district's consultations, written for this project, for trying the product out."""
