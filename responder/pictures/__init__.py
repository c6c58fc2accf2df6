"""Pictures and voice: fetched, rid of what they tell besides, sealed and passed on."""
