using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Encrypts or decrypts the content of a message.</summary>
public sealed record EncryptDecryptJob : JobData, IJobData<EncryptDecryptJob>
{
    /// <summary>The only algorithm there is.</summary>
    public const string Aes256Gcm = "AES-256-GCM";

    /// <inheritdoc/>
    public static string JobType => JobTypes.EncryptDecrypt;

    /// <inheritdoc/>
    public static string Queue => JobQueues.MessageEncryption;

    /// <inheritdoc/>
    public static IValidator<EncryptDecryptJob> Validator { get; } = new EncryptDecryptJobValidator();

    /// <inheritdoc/>
    public static JsonTypeInfo<EncryptDecryptJob> Json => JobsJsonContext.Strict.EncryptDecryptJob;

    /// <inheritdoc/>
    public static string Example => """
        {
          "type": "encrypt-decrypt",
          "data": { "messageId": "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33", "operation": "encrypt", "content": "Your appointment is on Monday at 9:30." }
        }
        """;

    /// <summary>The message: what is encrypted for one message cannot be decrypted for another. Required.</summary>
    public Guid MessageId { get; init; }

    /// <summary>What to do. Required.</summary>
    public EncryptionOperation Operation { get; init; }

    /// <summary>Plain text to encrypt, or what an encryption returned. Required.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>The key to encrypt with. Default: the current one.</summary>
    public string? KeyId { get; init; }

    /// <summary>The algorithm: <c>AES-256-GCM</c>, the default and only one.</summary>
    public string? Algorithm { get; init; }
}

/// <summary>What to do with a content.</summary>
[JsonConverter(typeof(EncryptionOperationJsonConverter))]
public enum EncryptionOperation
{
    /// <summary>Encrypt it.</summary>
    Encrypt = 1,

    /// <summary>Decrypt it.</summary>
    Decrypt,
}

/// <summary>The rules of <see cref="EncryptDecryptJob"/>.</summary>
public sealed class EncryptDecryptJobValidator : AbstractValidator<EncryptDecryptJob>
{
    /// <summary>Creates the validator.</summary>
    public EncryptDecryptJobValidator()
    {
        RuleFor(job => job.MessageId).Id();
        RuleFor(job => job.Operation).Word();
        RuleFor(job => job.Content).Must(content => !string.IsNullOrEmpty(content)).WithMessage("is required: text of at least 1 character.");
        RuleFor(job => job.KeyId).OptionalText(200);
        RuleFor(job => job.Algorithm)
            .Must(algorithm => algorithm is null or EncryptDecryptJob.Aes256Gcm)
            .WithMessage($"must be {EncryptDecryptJob.Aes256Gcm}, the only algorithm there is.");
    }
}
