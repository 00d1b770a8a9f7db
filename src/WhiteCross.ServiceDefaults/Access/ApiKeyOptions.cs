using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.ServiceDefaults;

/// <summary>One API key.</summary>
public sealed class ApiKeyOptions
{
    private const int ShortestKey = 20;

    /// <summary>Whose it is, for the audit log and for what jobs say of who added them.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>The key: at least 20 characters. Or leave it out and give <see cref="Sha256"/>.</summary>
    public string Key { get; set; } = string.Empty;

    /// <summary>The key's SHA-256 in hex: whoever reads the settings cannot use it.</summary>
    public string Sha256 { get; set; } = string.Empty;

    /// <summary>What its bearer may do: see <see cref="AccessRoles"/>.</summary>
    public string Role { get; set; } = AccessRoles.Viewer;

    /// <summary>The queues that a publisher may add jobs to.</summary>
    public IList<string> Queues { get; } = [];

    /// <summary>From when on it is no longer taken. Default: never.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>What a given key is compared with.</summary>
    internal byte[] Digest() => Sha256.Length > 0 ? Convert.FromHexString(Sha256) : SHA256.HashData(Encoding.UTF8.GetBytes(Key));

    internal IEnumerable<string> Problems(string at)
    {
        if (Sha256.Length == 0 && Key.Length < ShortestKey)
        {
            yield return $"{at}:Key must have at least {ShortestKey} characters; make one with: openssl rand -base64 32";
        }

        if (Sha256.Length > 0 && (Key.Length > 0 || Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigit)))
        {
            yield return $"{at}:Sha256 must be 64 hexadecimal digits, in place of {at}:Key; make it with: printf %s \"$key\" | sha256sum";
        }

        if (!AccessRoles.All.Contains(Role))
        {
            yield return $"{at}:Role must be one of {string.Join(", ", AccessRoles.All)}.";
        }

        if (Role == AccessRoles.Publisher ? Queues.Count == 0 || Queues.Any(queue => !JobQueues.TryGet(queue, out _)) : Queues.Count > 0)
        {
            yield return $"{at}:Queues must name the queues that a publisher may add jobs to, of {string.Join(", ", JobQueues.All.Select(queue => queue.Name))}; other roles have none.";
        }
    }
}
