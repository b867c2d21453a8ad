package io.serin.router.http;

import io.vertx.core.MultiMap;

/** Status and headers that a variant answered. */
record Head(int status, MultiMap headers) {}
