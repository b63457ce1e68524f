package com.example.service.clients;

import java.util.Map;

/** Calls the service sample-need. */
public final class SampleNeedClient {
    private static final String NAME = "sample-need";
    private static final String VARIABLE = "SAMPLE_NEED_URL";

    private final Client client;

    /** An item of the need, as far as this service looks at it. */
    public record Item(String id, String name, int quantity) {}

    /** Takes the need's address from the environment. */
    public SampleNeedClient(Map<String, String> environment) {
        client = new Client(NAME, VARIABLE, environment);
    }

    /** One item; a {@link StatusException} with status 404 if there is none with this id. */
    public Item item(String id) {
        return client.json("GET", "/items/" + Client.segment(id), null, Item.class);
    }
}
