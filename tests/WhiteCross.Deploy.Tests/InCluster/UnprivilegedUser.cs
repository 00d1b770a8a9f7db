using System.Globalization;

namespace WhiteCross.Deploy.Tests.InCluster;

/// <summary>
/// The user of the image, 1654, who owns nothing here. Where the tests do not run as root they cannot become somebody else; a process then runs in a
/// folder that its own user may not write to, which is what it would notice first.
/// </summary>
internal static class UnprivilegedUser
{
    public const int Id = 1654;

    public static bool CanBecome { get; } = Environment.UserName == "root" && Shell.Has("setpriv");

    /// <summary>A command line that runs a command as this user, without any right, and with these variables only.</summary>
    public static IReadOnlyList<string> Command(IReadOnlyDictionary<string, string> environment, IEnumerable<string> command)
    {
        var id = Id.ToString(CultureInfo.InvariantCulture);
        string[] user = CanBecome ? ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"] : [];
        return [.. user, "env", "-i", .. environment.Select(variable => $"{variable.Key}={variable.Value}"), .. command];
    }
}
