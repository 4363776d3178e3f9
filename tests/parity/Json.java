// SPDX-License-Identifier: BSD-3-Clause
/* Values as JSON texts, for the programs beside this one. */
final class Json {
  private Json() {}

  static String quote(String text) {
    StringBuilder b = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        b.append('\\').append(c);
      } else if (c < ' ') {
        b.append(String.format("\\u%04x", (int) c));
      } else {
        b.append(c);
      }
    }
    return b.append('"').toString();
  }

  static String number(double x) {
    return Double.isNaN(x) || Double.isInfinite(x) ? "null" : Double.toString(x);
  }
}
