namespace WhiteCross.MessageEncryption;

/// <summary>Something cannot be encrypted or decrypted, and trying again will not help.</summary>
/// <param name="field">The field that is wrong.</param>
/// <param name="problem">What is wrong with it, holding nothing of content or keys.</param>
internal sealed class EncryptionException(string field, string problem) : Exception($"{field}: {problem}")
{
    /// <summary>The field that is wrong.</summary>
    public string Field { get; } = field;

    /// <summary>What is wrong with it.</summary>
    public string Problem { get; } = problem;
}
