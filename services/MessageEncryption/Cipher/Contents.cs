using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageEncryption;

/// <summary>An encrypted content.</summary>
/// <param name="MessageId">The message it belongs to.</param>
/// <param name="KeyId">The key it is encrypted with.</param>
/// <param name="CipherText">The content, with all that is needed to decrypt it but the key.</param>
internal sealed record EncryptedContent(Guid MessageId, string KeyId, string CipherText) : IJobResult<EncryptDecryptJob>;

/// <summary>A decrypted content.</summary>
/// <param name="MessageId">The message it belongs to.</param>
/// <param name="KeyId">The key it was encrypted with.</param>
/// <param name="Content">The content.</param>
internal sealed record DecryptedContent(Guid MessageId, string KeyId, string Content)
{
    /// <summary>Without the content, which must not get into a log by accident.</summary>
    public override string ToString() => $"{nameof(DecryptedContent)} {{ {nameof(MessageId)} = {MessageId}, {nameof(KeyId)} = {KeyId} }}";
}
