package io.serin.schemas.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites away from a port that trusts who can reach it. A page that a person
 * opens can send requests to ports of that person's machine and network (cross-site requests), and
 * with a DNS name that changes its address it can read the answers too (DNS rebinding). The first
 * shows in the Origin header, the second in the Host header. Immutable.
 */
public final class BrowserGuard {

  private final Set<String> names;

  /**
   * @param names host names under which the port is reached, beside addresses, localhost and names
   *     without a dot: no public DNS server answers for those
   */
  public BrowserGuard(Set<String> names) {
    this.names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the request comes from a page of another origin, or of none that can be named. */
  public static boolean foreignOrigin(@Nullable String origin, @Nullable String host) {
    if (origin == null) {
      return false;
    }
    int scheme = origin.indexOf("://");
    return host == null || scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(host);
  }

  /**
   * Whether the request names a host that this port is not known by.
   *
   * @param host the Host header; null, which no browser sends, is not foreign
   */
  public boolean foreignHost(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = name(host).toLowerCase(Locale.ROOT);
    return name.isEmpty() || (name.contains(".") && !names.contains(name) && !isAddress(name));
  }

  /** The host without its port. */
  private static String name(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return isAddress(end < 0 ? "" : host.substring(1, end)) ? "localhost" : "";
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  private static boolean isAddress(String text) {
    try {
      return InetAddress.ofLiteral(text).getAddress().length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
