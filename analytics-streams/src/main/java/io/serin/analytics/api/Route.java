package io.serin.analytics.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the control API answers: all of it, as its OpenAPI document says. */
enum Route {
  OPENAPI("GET", "/v1/openapi.json", null),
  FILE_SCHEMA("GET", "/v1/rollout.schema.json", null),
  LIST("GET", "/v1/rollouts", Role.VIEWER),
  WATCH_ALL("GET", "/v1/watch", Role.VIEWER),
  APPLY("POST", "/v1/rollouts", Role.OPERATOR),
  SHOW("GET", "/v1/rollouts/{rollout}", Role.VIEWER),
  HISTORY("GET", "/v1/rollouts/{rollout}/history", Role.VIEWER),
  EVIDENCE("GET", "/v1/rollouts/{rollout}/evidence", Role.VIEWER),
  FILE("GET", "/v1/rollouts/{rollout}/file", Role.VIEWER),
  WATCH("GET", "/v1/rollouts/{rollout}/watch", Role.VIEWER),
  ACT("POST", "/v1/rollouts/{rollout}/actions", Role.OPERATOR),
  DELETE("DELETE", "/v1/rollouts/{rollout}", Role.OPERATOR),
  FREEZE("POST", "/v1/freeze", Role.OPERATOR),
  UNFREEZE("POST", "/v1/unfreeze", Role.OPERATOR),
  VALIDATE("POST", "/v1/validate", Role.VIEWER),
  DIFF("POST", "/v1/diff", Role.VIEWER),
  ROUTERS("GET", "/v1/routers", Role.VIEWER);

  /** A route with the names that its path holds. */
  record Match(Route route, List<String> names) {
    String name() {
      return names.getFirst();
    }
  }

  private final String method;
  private final String template;
  private final @Nullable Role role;

  Route(String method, String template, @Nullable Role role) {
    this.method = method;
    this.template = template;
    this.role = role;
  }

  String method() {
    return method;
  }

  /** Whether the answer is a stream of events. */
  boolean watches() {
    return this == WATCH || this == WATCH_ALL;
  }

  /** As the OpenAPI document writes it. */
  String template() {
    return template;
  }

  /** What a caller must be; null where nobody is asked. */
  @Nullable Role role() {
    return role;
  }

  /**
   * The route of a request.
   *
   * @param rawPath percent-encoded
   * @throws ApiError 404 or 405
   */
  static Match of(String method, String rawPath) throws ApiError {
    List<String> allowed = new ArrayList<>();
    for (Route route : values()) {
      List<String> names = names(route.template, rawPath);
      if (names == null) {
        continue;
      }
      if (route.method.equals(method)) {
        return new Match(route, names);
      }
      allowed.add(route.method);
    }
    if (allowed.isEmpty()) {
      throw new ApiError(
          404, rawPath + ": unknown path; /v1/openapi.json lists the paths of this API");
    }
    throw ApiError.of(405, "method", method, "must be " + String.join(" or ", allowed));
  }

  private static @Nullable List<String> names(String template, String rawPath) throws ApiError {
    String[] wanted = template.split("/", -1);
    String[] given = rawPath.split("/", -1);
    if (wanted.length != given.length) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].startsWith("{") && !given[i].isEmpty()) {
        names.add(decoded(given[i]));
      } else if (!wanted[i].equals(given[i])) {
        return null;
      }
    }
    return names;
  }

  private static String decoded(String part) throws ApiError {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.of(400, "path", part, "must be percent-encoded");
    }
  }
}
