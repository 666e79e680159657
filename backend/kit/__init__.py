"""Tools that know nothing of the business: settings, database, clock, text, ids, pages."""
