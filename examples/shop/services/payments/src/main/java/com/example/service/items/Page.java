package com.example.service.items;

import java.util.List;

/**
 * A part of the list of items, oldest first.
 *
 * @param next the cursor of the page after this one, null on the last page
 */
public record Page(List<Item> items, String next) {}
