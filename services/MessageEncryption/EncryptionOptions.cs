using Microsoft.Extensions.Options;

namespace WhiteCross.MessageEncryption;

/// <summary>Where the keys are and how long a decrypted content can be fetched. Section <c>Encryption</c>.</summary>
public sealed class EncryptionOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Encryption";

    /// <summary>The Dapr secret store that has the keys. Default: <c>secrets</c>.</summary>
    public string SecretStore { get; set; } = "secrets";

    /// <summary>
    /// The secret that has them, a JSON object: <c>{"current": "2026-11", "keys": {"2026-11": "&lt;32 bytes in base64&gt;", …}}</c>. The current key
    /// encrypts, all of them decrypt. Default: <c>MESSAGE_KEYS</c>.
    /// </summary>
    public string Secret { get; set; } = "MESSAGE_KEYS";

    /// <summary>How often the keys are read again, so that a new one is taken up without a restart. At least 1 s. Default: 1 minute.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The Dapr state store where decrypted contents wait to be fetched. Default: <c>statestore</c>.</summary>
    public string StateStore { get; set; } = "statestore";

    /// <summary>How long the content that a decrypt job has decrypted can be fetched. 1 s–1 h. Default: 5 minutes.</summary>
    public TimeSpan KeepDecrypted { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>The rules of <see cref="EncryptionOptions"/>.</summary>
internal sealed class EncryptionOptionsValidator : IValidateOptions<EncryptionOptions>
{
    public ValidateOptionsResult Validate(string? name, EncryptionOptions options)
    {
        List<string> errors = [];
        foreach (var (setting, value) in new[] { ("SecretStore", options.SecretStore), ("Secret", options.Secret), ("StateStore", options.StateStore) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                errors.Add($"Encryption:{setting} must be a name.");
            }
        }

        if (options.RefreshInterval < TimeSpan.FromSeconds(1))
        {
            errors.Add($"Encryption:RefreshInterval is {options.RefreshInterval}; it must be at least 00:00:01.");
        }

        if (options.KeepDecrypted < TimeSpan.FromSeconds(1) || options.KeepDecrypted > TimeSpan.FromHours(1))
        {
            errors.Add($"Encryption:KeepDecrypted is {options.KeepDecrypted}; it must be from 00:00:01 to 01:00:00.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
