using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageEncryption;

/// <summary>Where the keys are and how long a decrypted content can be fetched. Section <c>Encryption</c>.</summary>
internal sealed class EncryptionOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Encryption";

    /// <summary>The Dapr secret store that has the keys. Default: <c>secrets</c>.</summary>
    [Required]
    public string SecretStore { get; set; } = "secrets";

    /// <summary>
    /// The secret that has them, a JSON object: <c>{"current": "2026-11", "keys": {"2026-11": "&lt;32 bytes in base64&gt;", …}}</c>. The current key
    /// encrypts, all of them decrypt. Default: <c>MESSAGE_KEYS</c>.
    /// </summary>
    [Required]
    public string Secret { get; set; } = "MESSAGE_KEYS";

    /// <summary>How often the keys are read again, so that a new one is taken up without a restart. 1 s–1 day. Default: 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The Dapr state store where decrypted contents wait to be fetched. Default: <c>statestore</c>.</summary>
    [Required]
    public string StateStore { get; set; } = "statestore";

    /// <summary>How long the content that a decrypt job has decrypted can be fetched. 1 s–1 h. Default: 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepDecrypted { get; set; } = TimeSpan.FromMinutes(5);
}
