package io.serin.rollout.value;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An http or https URL that Serin calls, taken apart. The one reading of URLs: what the rollout
 * file's validator accepts, the router and the worker can call. Host names may hold underscores, as
 * Docker's do; a query is kept and sent along with every call.
 *
 * @param tls whether it is called over TLS
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 … 65535
 * @param path begins with a slash and does not end with one; empty for none
 * @param query without its question mark; null for none
 */
public record ServerUrl(boolean tls, String host, int port, String path, @Nullable String query) {
  private static final int MOST_CHARACTERS = 2_048;
  private static final int MOST_PORTS = 65_535;

  private static final Pattern URL =
      Pattern.compile(
          "(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<authority>[^/?#]*)(?<path>[^?#]*)"
              + "(?:\\?(?<query>[^#]*))?(?<fragment>#.*)?");
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?<host>\\[[^\\]]*\\]|[^:\\[\\]]*)(?::(?<port>.*))?");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  /** RFC 3986, 3.3 and 3.4. */
  private static final Pattern PATH =
      Pattern.compile("(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*");

  private static final Pattern QUERY =
      Pattern.compile("(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*");

  /** What the router appends to a base URL by itself. */
  private static final List<String> ENDPOINTS =
      List.of("/completions", "/responses", "/messages", "/embeddings", "/models");

  /**
   * Any URL.
   *
   * @throws InvalidField naming the field, the value and the rule; a value that may hold a secret
   *     is withheld
   */
  public static ServerUrl parse(String field, String text) {
    Matcher url = URL.matcher(text);
    if (text.length() > MOST_CHARACTERS || !url.matches()) {
      throw new InvalidField(
          field,
          shown(text),
          "must be http(s)://HOST[:PORT][/PATH][?QUERY], at most " + MOST_CHARACTERS + " letters");
    }
    String scheme = url.group("scheme").toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new InvalidField(field, shown(text), "must begin with http:// or https://");
    }
    String authority = url.group("authority");
    if (authority.contains("@")) {
      throw new InvalidField(
          field, "(withheld)", "must not hold a user or a password; use a credential");
    }
    if (url.group("fragment") != null) {
      throw new InvalidField(field, shown(text), "must not hold a fragment, #");
    }
    Matcher server = HOST_AND_PORT.matcher(authority);
    if (!server.matches()) {
      throw new InvalidField(field, shown(text), "must name a host, and at most one port");
    }
    boolean tls = scheme.equals("https");
    String port = server.group("port");
    String query = url.group("query");
    if (query != null && !QUERY.matcher(query).matches()) {
      throw new InvalidField(
          field, shown(text), "has a query with characters that must be percent-encoded");
    }
    return new ServerUrl(
        tls,
        host(field, text, server.group("host")),
        port == null ? (tls ? 443 : 80) : port(field, text, port),
        path(field, text, url.group("path")),
        query == null || query.isEmpty() ? null : query);
  }

  /** The base URL of a model server, to which the router appends /chat/completions and others. */
  public static ServerUrl ofModels(String field, String text) {
    ServerUrl url = parse(field, text);
    if (url.path.isEmpty()) {
      throw new InvalidField(field, shown(text), "must have a path; write " + url.origin() + "/v1");
    }
    for (String endpoint : ENDPOINTS) {
      if (url.path.endsWith(endpoint)) {
        throw new InvalidField(
            field, shown(text), "must end before " + endpoint + ", as in " + url.origin() + "/v1");
      }
    }
    return url;
  }

  /**
   * A path with an optional query, as in {@code /health?ready=1}.
   *
   * @throws InvalidField naming the field, the value and the rule
   */
  public static String pathAndQuery(String field, String text) {
    int question = text.indexOf('?');
    String path = question < 0 ? text : text.substring(0, question);
    if (!text.startsWith("/") || text.length() > MOST_CHARACTERS) {
      throw new InvalidField(field, shown(text), "must begin with /");
    }
    if (!PATH.matcher(path).matches()
        || (question >= 0 && !QUERY.matcher(text.substring(question + 1)).matches())) {
      throw new InvalidField(
          field, shown(text), "must be a URL's path; percent-encode blanks and other characters");
    }
    return text;
  }

  /** Scheme, host and port, for logs and metrics. */
  public String origin() {
    return (tls ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  private static String host(String field, String text, String host) {
    if (host.startsWith("[")) {
      String address = host.substring(1, host.length() - 1);
      if (!IPV6.matcher(address).matches() || !literal(address)) {
        throw new InvalidField(field, shown(text), "has an IPv6 address that is not valid");
      }
      return address;
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    boolean valid = !name.isEmpty() && name.length() <= 253;
    for (String label : name.split("\\.", -1)) {
      valid &= label.length() <= 63 && NAME.matcher(label).matches();
    }
    if (!valid) {
      throw new InvalidField(
          field, shown(text), "must name a host of letters, digits, dots, hyphens and underscores");
    }
    return host;
  }

  private static boolean literal(String address) {
    try {
      return InetAddress.ofLiteral(address).getAddress().length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int port(String field, String text, String port) {
    int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
    if (number < 1 || number > MOST_PORTS) {
      throw new InvalidField(field, shown(text), "must have a port from 1 to 65535");
    }
    return number;
  }

  private static String path(String field, String text, String path) {
    if (!PATH.matcher(path).matches()) {
      throw new InvalidField(
          field, shown(text), "has a path with characters that must be percent-encoded");
    }
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..") || segment.equals(".")) {
        throw new InvalidField(field, shown(text), "must not hold the path segments . and ..");
      }
    }
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  /** The text as a message may show it: no user, no password, not long. */
  private static String shown(String text) {
    if (text.contains("@")) {
      return "(withheld)";
    }
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
