package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.schemas.http.KeyFile;
import io.serin.schemas.http.Operator;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Clients' keys: where a request carries one, and what a known one makes of the request. */
public final class Tenants {

  private static final String TENANT = "tenant ";

  private Tenants() {}

  /**
   * Puts the tenant whose key the request carries in {@link Headers#TENANT}, in place of what the
   * client said there, and takes the key out, which is for nobody behind the router.
   *
   * @param keys null where no key is asked for: then the request stays as it is
   * @throws OpenAiException with status 401 where the key is missing or unknown
   */
  public static void admit(@Nullable KeyFile<String> keys, MultiMap headers) {
    if (keys == null) {
      return;
    }
    String tenant = keys.owner(key(headers));
    if (tenant == null) {
      throw new OpenAiException(
          new OpenAiError(
              "The API key is missing, or not one of this router's.",
              "invalid_request_error",
              null,
              "invalid_api_key",
              401));
    }
    Headers.CLIENT_KEYS.forEach(headers::remove);
    headers.set(Headers.TENANT, tenant);
  }

  /** The tenant whose key the request carries; null where it carries none that is known. */
  public static @Nullable String known(@Nullable KeyFile<String> keys, MultiMap headers) {
    return keys == null ? null : keys.owner(key(headers));
  }

  /**
   * Whose the responses are that a request stores, by which ids of them open: the tenant of its
   * key, where the router asks for keys; else the key that it carries for the model server; empty
   * where it carries none.
   */
  public static String owner(@Nullable KeyFile<String> keys, MultiMap headers) {
    String name = keys == null ? key(headers) : headers.get(Headers.TENANT);
    return name == null ? "" : (keys == null ? "key " : TENANT) + name;
  }

  /**
   * Whether the owner is a tenant: then one credential asks for all tenants, and an id that Serin
   * did not give could be another's.
   */
  public static boolean isTenant(String owner) {
    return owner.startsWith(TENANT);
  }

  /** What limits count by: the tenant of the client's key or, where none is known, its address. */
  public static String sender(@Nullable String tenant, HttpServerRequest http) {
    return tenant == null ? http.remoteAddress().hostAddress() : "key " + tenant;
  }

  /** The bearer token of a request; null where it carries none. */
  public static @Nullable String bearer(MultiMap headers) {
    return Operator.bearer(headers.get("authorization"));
  }

  /** As OpenAI's clients send it, Anthropic's, or Azure's. */
  private static @Nullable String key(MultiMap headers) {
    String bearer = bearer(headers);
    if (bearer != null) {
      return bearer;
    }
    String anthropics = headers.get("x-api-key");
    return anthropics == null ? headers.get("api-key") : anthropics;
  }
}
