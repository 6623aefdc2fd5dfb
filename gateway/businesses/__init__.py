"""Those who come for a business: known by their GビズID, shown nothing but their own."""
