using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageEncryption;

/// <summary>
/// What the service does at once, for other services by Dapr's service invocation: <c>POST /internal/encrypt</c>, <c>/internal/decrypt</c>,
/// <c>/internal/reencrypt</c>, and <c>GET /internal/decrypted/{jobId}</c> for what a decrypt job has decrypted. 400 with an error per field for what can never
/// succeed.
/// </summary>
internal static class EncryptionApi
{
    public static void MapEncryption(this IEndpointRouteBuilder app)
    {
        var internals = app.MapInternal();
        internals.AddEndpointFilter(async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (EncryptionException exception)
            {
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { [exception.Field] = [exception.Problem] });
            }
        });
        internals.MapPost("/encrypt", EncryptAsync);
        internals.MapPost("/decrypt", DecryptAsync);
        internals.MapPost("/reencrypt", ReencryptAsync);
        internals.MapGet("/decrypted/{**jobId}", FindDecryptedAsync);
    }

    private static async Task<Results<Ok<EncryptedContent>, ValidationProblem>> EncryptAsync(
        EncryptRequest request, ContentEncryption encryption, CancellationToken cancellationToken) =>
        Wrong(request.MessageId, "content", request.Content)
        ?? (Results<Ok<EncryptedContent>, ValidationProblem>)TypedResults.Ok(
            await encryption.EncryptAsync(request.MessageId, request.Content!, request.KeyId, cancellationToken));

    private static async Task<Results<Ok<DecryptedContent>, ValidationProblem>> DecryptAsync(
        CipherTextRequest request, ContentEncryption encryption, CancellationToken cancellationToken) =>
        Wrong(request.MessageId, "cipherText", request.CipherText)
        ?? (Results<Ok<DecryptedContent>, ValidationProblem>)TypedResults.Ok(
            await encryption.DecryptAsync(request.MessageId, request.CipherText!, cancellationToken));

    private static async Task<Results<Ok<EncryptedContent>, ValidationProblem>> ReencryptAsync(
        CipherTextRequest request, ContentEncryption encryption, CancellationToken cancellationToken) =>
        Wrong(request.MessageId, "cipherText", request.CipherText)
        ?? (Results<Ok<EncryptedContent>, ValidationProblem>)TypedResults.Ok(
            await encryption.ReencryptAsync(request.MessageId, request.CipherText!, cancellationToken));

    private static async Task<Results<Ok<DecryptedContent>, NotFound>> FindDecryptedAsync(
        string jobId, HttpResponse response, DecryptedContents decrypted, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        return await decrypted.FindAsync(jobId, cancellationToken) is { } content ? TypedResults.Ok(content) : TypedResults.NotFound();
    }

    private static ValidationProblem? Wrong(Guid messageId, string field, string? value)
    {
        var errors = new Dictionary<string, string[]>();
        if (messageId == Guid.Empty)
        {
            errors["messageId"] = ["is required: a uuid."];
        }

        if (string.IsNullOrEmpty(value))
        {
            errors[field] = ["is required: text of at least 1 character."];
        }

        return errors.Count == 0 ? null : TypedResults.ValidationProblem(errors);
    }
}

/// <summary>Asks for an encryption.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Content">Its content.</param>
/// <param name="KeyId">The key to use; left out, the current one.</param>
internal sealed record EncryptRequest(Guid MessageId, string? Content, string? KeyId = null)
{
    public override string ToString() => $"{nameof(EncryptRequest)} {{ {nameof(MessageId)} = {MessageId} }}";
}

/// <summary>Asks for a decryption, or for another key.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="CipherText">Its encrypted content.</param>
internal sealed record CipherTextRequest(Guid MessageId, string? CipherText);
