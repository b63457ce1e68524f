package com.example.service.items;

/** There is no item with this id. */
public final class ItemNotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1;
}
