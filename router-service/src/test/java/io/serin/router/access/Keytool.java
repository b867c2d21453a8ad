package io.serin.router.access;

import java.io.IOException;
import java.nio.file.Path;

/** Makes keys as an administrator does. */
public final class Keytool {

  /** Of every store and key. */
  public static final String PASSWORD = "password";

  /** The name of the key in its store. */
  public static final String ALIAS = "it";

  private Keytool() {}

  /**
   * Makes a PKCS 12 store with a key and its own certificate.
   *
   * @param san whom the certificate is for, as {@code dns:localhost} or {@code ip:127.0.0.1}
   */
  public static void make(Path store, String name, String san)
      throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + san,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool ended with exit code " + keytool.exitValue());
    }
  }
}
