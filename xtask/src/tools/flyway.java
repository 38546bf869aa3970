import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.output.ValidateOutput;
import org.flywaydb.core.api.output.ValidateResult;

/** Runs Flyway by words on standard input; each answer ends with a line of one dot. Arguments are its settings. */
public class Main {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            settings.put(argument.substring(0, at), argument.substring(at + 1));
        }
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = input.readLine()) != null) {
            try {
                System.out.print(answer(line.trim(), settings));
            } catch (Throwable error) {
                System.out.println("ERROR " + String.valueOf(error.getMessage()).replace('\n', ' '));
            }
            System.out.println(".");
            System.out.flush();
        }
    }

    private static String answer(String line, Map<String, String> settings) {
        String[] words = line.split(" ");
        Map<String, String> own = new HashMap<>(settings);
        for (int index = 1; index < words.length; index++) {
            int at = words[index].indexOf('=');
            own.put(words[index].substring(0, at), words[index].substring(at + 1));
        }
        Flyway flyway = Flyway.configure().configuration(own).load();
        switch (words[0]) {
            case "migrate":
                return "applied " + flyway.migrate().migrationsExecuted + "\n";
            case "validate": {
                ValidateResult result = flyway.validateWithResult();
                StringBuilder text = new StringBuilder(result.validationSuccessful ? "valid\n" : "invalid\n");
                for (ValidateOutput output : result.invalidMigrations) {
                    text.append(output.version).append(' ').append(output.errorDetails.errorMessage.replace('\n', ' ')).append('\n');
                }
                return text.toString();
            }
            case "info": {
                StringBuilder text = new StringBuilder();
                for (MigrationInfo info : flyway.info().all()) {
                    text.append(info.getVersion()).append('|').append(info.getDescription()).append('|')
                        .append(info.getType()).append('|').append(info.getState()).append('\n');
                }
                return text.toString();
            }
            case "repair":
                flyway.repair();
                return "repaired\n";
            case "baseline":
                flyway.baseline();
                return "baselined\n";
            default:
                return "ERROR unknown word\n";
        }
    }
}
