package com.example.service.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;

/** The part of the public path that a gateway took off, as it says in X-Forwarded-Prefix. */
final class PublicPrefix {
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._~-]+");

    private PublicPrefix() {}

    /**
     * What is not a plain path is ignored: it would let a caller send others to an address of its choice.
     *
     * @return empty, or a path without a slash at its end
     */
    static String of(HttpServletRequest request) {
        String header = request.getHeader("X-Forwarded-Prefix");
        if (header == null || !header.startsWith("/")) {
            return "";
        }
        String prefix = header.endsWith("/") ? header.substring(0, header.length() - 1) : header;
        for (String segment : prefix.substring(Math.min(1, prefix.length())).split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches() || segment.equals("..")) {
                return "";
            }
        }
        return prefix;
    }
}
