using System.Security.Cryptography;
using System.Text.Json;

namespace WhiteCross.Local;

/// <summary>
/// The keys of the encryption service where nobody gave any: made once and kept beside the databases, so that what was encrypted yesterday opens today.
/// Good enough for a laptop; elsewhere the secret comes from a secret store.
/// </summary>
internal static class DevelopmentKeys
{
    /// <summary>The environment variable that the secret store reads as the secret <c>MESSAGE_KEYS</c>.</summary>
    public const string Variable = "SECRET_MESSAGE_KEYS";

    public static string Ensure(string dataDirectory)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return given;
        }

        var path = Path.Combine(dataDirectory, "development-keys.json");
        if (!File.Exists(path))
        {
            var keys = JsonSerializer.Serialize(new
            {
                current = "development",
                keys = new Dictionary<string, string> { ["development"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) },
            });
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(path, options);
            file.Write(keys);
        }

        return File.ReadAllText(path);
    }
}
