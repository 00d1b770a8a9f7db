using Microsoft.Extensions.Options;

namespace WhiteCross.Gateway;

/// <summary>
/// Who may do what at the gateway. Section <c>Access</c>. With neither keys nor an authority, everybody on this machine may do everything and nobody else
/// gets in.
/// </summary>
internal sealed class AccessOptions
{
    public const string SectionName = "Access";

    /// <summary>Keys, sent as <c>X-Api-Key</c> or as the password of HTTP basic authentication. Give them by the environment or a secret, not in a file.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>The issuer of access tokens (OIDC), an https address; its <c>roles</c> claim says what the bearer may do. Default: none.</summary>
    public string? Authority { get; set; }

    /// <summary>The audience that tokens must name; required with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>The most requests of one caller in a second, beyond which it gets 429. Reads and writes of the API, not the streams. Default: 2000.</summary>
    public int RequestsPerSecond { get; set; } = 2_000;

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

/// <summary>Checks <see cref="AccessOptions"/> at start-up.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    private const int ShortestKey = 20;

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        List<string> errors = [];
        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            var (key, at) = (options.ApiKeys[i], $"Access:ApiKeys:{i}");
            if (string.IsNullOrWhiteSpace(key.Name) || options.ApiKeys.Take(i).Any(other => other.Name == key.Name))
            {
                errors.Add($"{at}:Name must say whose key it is, each name once.");
            }

            if (key.Key.Length < ShortestKey)
            {
                errors.Add($"{at}:Key must have at least {ShortestKey} characters; make one with: openssl rand -base64 32");
            }

            if (!AccessRoles.All.Contains(key.Role))
            {
                errors.Add($"{at}:Role must be one of {string.Join(", ", AccessRoles.All)}.");
            }
        }

        if (!string.IsNullOrWhiteSpace(options.Authority))
        {
            if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback))
            {
                errors.Add("Access:Authority must be an absolute https address; http is taken for localhost only.");
            }

            if (string.IsNullOrWhiteSpace(options.Audience))
            {
                errors.Add("Access:Audience must be set when Access:Authority is: without it tokens meant for other services would be taken.");
            }
        }

        if (options.RequestsPerSecond < 1)
        {
            errors.Add($"Access:RequestsPerSecond is {options.RequestsPerSecond}; it must be at least 1.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
