package com.example.service.payments;

import java.util.List;

/**
 * A part of the list of payments, oldest first.
 *
 * @param next the cursor of the page after this one, null on the last page
 */
public record Page(List<Payment> payments, String next) {}
