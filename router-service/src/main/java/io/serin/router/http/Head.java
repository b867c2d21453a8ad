package io.serin.router.http;

import io.netty.handler.codec.http.HttpHeaders;

/** Status and headers that a variant answered. */
public record Head(int status, HttpHeaders headers) {}
