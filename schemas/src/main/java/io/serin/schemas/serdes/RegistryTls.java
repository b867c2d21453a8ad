package io.serin.schemas.serdes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards the registry, under the names of Confluent's client: {@code
 * schema.registry.ssl.truststore.location}, {@code .truststore.password}, {@code .truststore.type},
 * and the same for {@code keystore}, with {@code schema.registry.ssl.key.password}.
 */
final class RegistryTls {

  private static final String PREFIX = "schema.registry.ssl.";

  private RegistryTls() {}

  /**
   * The context that the settings ask for; empty where they ask for none and the JVM's own will do.
   */
  static Optional<SSLContext> context(Map<String, ?> config) {
    KeyStore trust = store(config, "truststore");
    KeyStore keys = store(config, "keystore");
    if (trust == null && keys == null) {
      return Optional.empty();
    }
    try {
      TrustManagerFactory trusted =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trusted.init(trust);
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      char[] keyPassword = password(config, "key.password");
      own.init(keys, keyPassword == null ? password(config, "keystore.password") : keyPassword);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys == null ? null : own.getKeyManagers(), trusted.getTrustManagers(), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          PREFIX + "* settings do not make a TLS context: " + e.getMessage(), e);
    }
  }

  private static @Nullable KeyStore store(Map<String, ?> config, String kind) {
    Object location = config.get(PREFIX + kind + ".location");
    if (location == null) {
      return null;
    }
    Object type = config.get(PREFIX + kind + ".type");
    try (InputStream in = Files.newInputStream(Path.of(location.toString()))) {
      KeyStore store =
          KeyStore.getInstance(type == null ? KeyStore.getDefaultType() : type.toString());
      store.load(in, password(config, kind + ".password"));
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          PREFIX + kind + ".location is \"" + location + "\": it cannot be read: " + e.getMessage(),
          e);
    }
  }

  private static char @Nullable [] password(Map<String, ?> config, String name) {
    Object password = config.get(PREFIX + name);
    return password == null ? null : password.toString().toCharArray();
  }
}
