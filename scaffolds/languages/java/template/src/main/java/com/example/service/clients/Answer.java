package com.example.service.clients;

/**
 * A need's answer.
 *
 * @param retryAfter the header of that name, empty if there was none
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares answers
record Answer(int status, String retryAfter, byte[] body) {}
