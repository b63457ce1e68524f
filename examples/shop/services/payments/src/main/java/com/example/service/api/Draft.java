package com.example.service.api;

import com.example.service.items.Item;

/** What a client says about an item: the body of POST and PUT. */
record Draft(String name, int quantity) {
    Item withId(String id) {
        return new Item(id, name, quantity);
    }
}
