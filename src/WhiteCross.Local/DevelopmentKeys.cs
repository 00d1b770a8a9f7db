using System.Security.Cryptography;
using System.Text.Json;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Local;

/// <summary>
/// The keys of messages and of job records where nobody gave any: made once and kept beside the databases, so that what was encrypted yesterday opens today.
/// Good enough for a laptop; elsewhere they come from a secret store.
/// </summary>
internal static class DevelopmentKeys
{
    /// <summary>The environment variable that the secret store reads as the secret <c>MESSAGE_KEYS</c>.</summary>
    public const string OfMessages = "SECRET_MESSAGE_KEYS";

    /// <summary>The setting that job records are sealed by.</summary>
    public const string OfJobs = SealingKeys.Setting;

    public static string Ensure(string variable, string dataDirectory, string fileName)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            return given;
        }

        var path = Path.Combine(dataDirectory, fileName);
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
