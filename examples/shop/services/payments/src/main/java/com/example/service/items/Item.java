package com.example.service.items;

/** One item as clients see it and as it is stored. */
public record Item(String id, String name, int quantity) {
    // They are stated in openapi.yaml too.
    public static final int MAX_NAME_LENGTH = 100;
    public static final int MAX_QUANTITY = 1_000_000;
}
