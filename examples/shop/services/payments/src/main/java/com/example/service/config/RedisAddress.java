package com.example.service.config;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where Redis is, and as whom to talk to it.
 *
 * @param user null for the default user
 * @param password null for none
 */
public record RedisAddress(String host, int port, int database, String user, String password, boolean tls) {
    private static final int DEFAULT_PORT = 6379;

    /**
     * Reads redis://[[user]:password@]host[:port][/database], or rediss:// for TLS.
     *
     * @throws IllegalArgumentException says what is wrong, without the password
     */
    public static RedisAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("is not a URL");
        }
        boolean tls = "rediss".equals(uri.getScheme());
        if (!tls && !"redis".equals(uri.getScheme())) {
            throw new IllegalArgumentException("must begin with redis:// or rediss://");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("names no host");
        }
        String[] credentials =
                uri.getUserInfo() == null ? new String[0] : uri.getUserInfo().split(":", 2);
        return new RedisAddress(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                database(uri.getPath()),
                credentials.length > 0 && !credentials[0].isEmpty() ? credentials[0] : null,
                credentials.length > 1 ? credentials[1] : null,
                tls);
    }

    private static int database(String path) {
        if (path.isEmpty() || path.equals("/")) {
            return 0;
        }
        if (!path.matches("/[0-9]{1,5}")) {
            throw new IllegalArgumentException("the path must be the number of a database");
        }
        return Integer.parseInt(path.substring(1));
    }

    /** Without the password, which has no place in a log. */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + host + ":" + port + "/" + database;
    }
}
