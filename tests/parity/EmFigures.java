// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Weka's EM finds, as JSON: reads lines
 *   FILE.arff TAB OPTIONS
 * from standard input (OPTIONS: as on Weka's command line, apart by blanks) and
 * answers each with one line: the text it prints, and the model to the last
 * digit. The last attribute is the class. Calls nothing but public methods.
 */
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import weka.clusterers.ClusterEvaluation;
import weka.clusterers.EM;
import weka.core.Instances;
import weka.core.Utils;
import weka.filters.Filter;
import weka.filters.unsupervised.attribute.Remove;

public class EmFigures {
  private static String numbers(double[] x) {
    StringBuilder b = new StringBuilder("[");
    for (int i = 0; i < x.length; i++) {
      b.append(i == 0 ? "" : ", ").append(Json.number(x[i]));
    }
    return b.append(']').toString();
  }

  private static String table(double[][][] models, int what) {
    StringBuilder b = new StringBuilder("[");
    for (int i = 0; i < models.length; i++) {
      double[] row = new double[models[i].length];
      for (int j = 0; j < row.length; j++) {
        row[j] = models[i][j][what];
      }
      b.append(i == 0 ? "" : ", ").append(numbers(row));
    }
    return b.append(']').toString();
  }

  private static String answer(String file, String options) throws Exception {
    Instances rows = new Instances(new BufferedReader(new FileReader(file)));
    Remove last = new Remove();
    last.setAttributeIndices("last");
    last.setInputFormat(rows);
    EM em = new EM();
    em.setOptions(Utils.splitOptions(options));
    em.buildClusterer(Filter.useFilter(rows, last));
    String text = ClusterEvaluation.evaluateClusterer(new EM(),
        Utils.splitOptions("-t " + file + " -c last " + options));
    return "{\"text\": " + Json.quote(text) + ", \"clusters\": "
        + em.numberOfClusters() + ", \"priors\": "
        + numbers(em.getClusterPriors()) + ", \"mean\": "
        + table(em.getClusterModelsNumericAtts(), 0) + ", \"sd\": "
        + table(em.getClusterModelsNumericAtts(), 1) + "}";
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = System.out;
    System.setOut(System.err); // what Weka says on the way is no answer
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] word = line.split("\t");
      try {
        out.println(answer(word[0], word[1]));
      } catch (Exception e) {
        out.println("{\"failed\": " + Json.quote(e.toString()) + "}");
      }
      out.flush();
    }
  }
}
