package io.serin.comparison.review;

import java.util.List;

/**
 * A model that turns texts into vectors, so that texts of one meaning lie close.
 *
 * <p>Where it fails the comparison goes on without: {@link PortException}.
 */
public interface Embedder {
  /** One vector a text, in order; all of one length. Blocks. */
  List<float[]> embed(List<String> texts) throws PortException;

  /** Cosine of the angle between two vectors, in [−1, 1]; 0 where either is nothing but zeros. */
  static double cosine(float[] a, float[] b) {
    double dot = 0;
    double left = 0;
    double right = 0;
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      dot += (double) a[i] * b[i];
      left += (double) a[i] * a[i];
      right += (double) b[i] * b[i];
    }
    return left == 0 || right == 0 ? 0 : dot / Math.sqrt(left * right);
  }
}
