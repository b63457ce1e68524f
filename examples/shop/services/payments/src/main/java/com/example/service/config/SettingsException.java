package com.example.service.config;

import java.util.List;

/** Names every setting that is missing or wrong, one a line. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    SettingsException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
