using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>
/// Who may do what at the gateway. Section <c>Access</c>. With neither keys nor an authority, everybody on this machine may do everything and nobody else
/// gets in.
/// </summary>
internal sealed class AccessOptions : ICheckedSettings
{
    public const string SectionName = "Access";

    private const int ShortestKey = 20;

    /// <summary>Keys, sent as <c>X-Api-Key</c> or as the password of HTTP basic authentication. Give them by the environment or a secret, not in a file.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>The issuer of access tokens (OIDC), an https address; its <c>roles</c> claim says what the bearer may do. Default: none.</summary>
    public string? Authority { get; set; }

    /// <summary>The audience that tokens must name; required with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>The most requests of one caller in a second, beyond which it gets 429. Reads and writes of the API, not the streams. Default: 2000.</summary>
    [Range(1, int.MaxValue)]
    public int RequestsPerSecond { get; set; } = 2_000;

    public IEnumerable<string> Problems(string section)
    {
        for (var i = 0; i < ApiKeys.Count; i++)
        {
            var (key, at) = (ApiKeys[i], $"{section}:{nameof(ApiKeys)}:{i}");
            if (string.IsNullOrWhiteSpace(key.Name) || ApiKeys.Take(i).Any(other => other.Name == key.Name))
            {
                yield return $"{at}:Name must say whose key it is, each name once.";
            }

            if (key.Key.Length < ShortestKey)
            {
                yield return $"{at}:Key must have at least {ShortestKey} characters; make one with: openssl rand -base64 32";
            }

            if (!AccessRoles.All.Contains(key.Role))
            {
                yield return $"{at}:Role must be one of {string.Join(", ", AccessRoles.All)}.";
            }
        }

        if (!string.IsNullOrWhiteSpace(Authority))
        {
            if (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback))
            {
                yield return $"{section}:{nameof(Authority)} must be an absolute https address; http is taken for localhost only.";
            }

            if (string.IsNullOrWhiteSpace(Audience))
            {
                yield return $"{section}:{nameof(Audience)} must be set when {section}:{nameof(Authority)} is: without it tokens meant for other services would be taken.";
            }
        }
    }

    /// <summary>Whether anything says who may get in.</summary>
    public bool IsConfigured => ApiKeys.Count > 0 || !string.IsNullOrWhiteSpace(Authority);

    /// <summary>The same of settings that have not been checked: what is wrong with them is said once, where they are.</summary>
    public static bool IsConfiguredIn(IConfiguration configuration) =>
        (configuration.GetSection(SectionName).Get<AccessOptions>() ?? new AccessOptions()).IsConfigured;
}

/// <summary>One API key.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Whose it is, for the audit log.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>The key: at least 20 characters.</summary>
    public string Key { get; set; } = string.Empty;

    /// <summary>What its bearer may do: see <see cref="AccessRoles"/>.</summary>
    public string Role { get; set; } = AccessRoles.Viewer;
}

/// <summary>What one may do; each role may do what those before it may.</summary>
internal static class AccessRoles
{
    /// <summary>Look.</summary>
    public const string Viewer = "viewer";

    /// <summary>Add jobs, pause, resume, retry, cancel, promote, schedule.</summary>
    public const string Operator = "operator";

    /// <summary>Remove and clean, and read the audit log.</summary>
    public const string Admin = "admin";

    /// <summary>All roles, each with what it includes.</summary>
    public static IReadOnlyList<string> All { get; } = [Viewer, Operator, Admin];

    /// <summary>The roles that may do what this one may.</summary>
    public static IEnumerable<string> AtLeast(string role) => All.SkipWhile(known => known != role);
}
