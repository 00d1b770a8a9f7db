using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Uploads of recipients, for the gateway: <c>PUT /internal/uploads/{uploadId}/{block}</c> keeps a block of checked lines, <c>PUT /internal/uploads/{uploadId}</c>
/// ends the upload, <c>POST /internal/uploads/{uploadId}/check</c> with the batch's data says what is wrong with its messages, <c>DELETE /internal/uploads/{uploadId}?blocks=</c> removes it.
/// <c>POST /internal/batches/check</c> says the same of a batch without an upload.
/// </summary>
internal static class UploadsApi
{
    private const int MostBlocks = BatchSendJobValidator.MostRecipients;

    public static void MapUploads(this IEndpointRouteBuilder app)
    {
        // The same for a batch that has its recipients with it.
        app.MapInternal().MapGroup("/batches").AnswerInvokerWhenAway("Whether anything is wrong with the batch is not known.")
            .MapPost("/check", async (BatchSendJob data, BatchPlanner planner, CancellationToken cancellationToken) => await CheckAsync(data, planner, cancellationToken));
        var uploads = app.MapInternal().MapGroup("/uploads/{uploadId:guid}").AnswerInvokerWhenAway("What was sent may not be kept; send it again.");
        uploads.MapPut("/{block:int:min(0)}", async (Guid uploadId, int block, IReadOnlyList<BatchRecipient> recipients, BatchStore store, CancellationToken cancellationToken) =>
        {
            if (recipients.Count is 0 or > BatchStore.BlockSize)
            {
                return Results.Problem($"A block has 1 to {BatchStore.BlockSize} recipients.", statusCode: StatusCodes.Status400BadRequest);
            }

            await store.SaveUploadBlockAsync(uploadId, block, recipients, cancellationToken);
            return Results.NoContent();
        });
        uploads.MapPut("/", async (Guid uploadId, BatchUpload upload, BatchStore store, CancellationToken cancellationToken) =>
        {
            await store.SaveUploadAsync(uploadId, upload, cancellationToken);
            return TypedResults.NoContent();
        });
        uploads.MapPost("/check", async (Guid uploadId, BatchSendJob data, BatchPlanner planner, CancellationToken cancellationToken) =>
        {
            return await CheckAsync(data with { RecipientsRef = uploadId }, planner, cancellationToken);
        });
        uploads.MapDelete("/", async (Guid uploadId, int blocks, BatchStore store, CancellationToken cancellationToken) =>
        {
            await store.RemoveUploadAsync(uploadId, Math.Clamp(blocks, 0, MostBlocks), cancellationToken);
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> CheckAsync(BatchSendJob data, BatchPlanner planner, CancellationToken cancellationToken)
    {
        if (new BatchSendJobValidator().Validate(data) is { IsValid: false } wrong)
        {
            return Results.ValidationProblem(wrong.ToDictionary());
        }

        var (preview, error) = await planner.PreviewAsync(data, limit: 0, cancellationToken);
        return Results.Ok(new BatchUploadProblems(
            preview?.ProblemCount ?? 0, [.. preview?.Problems.Select(found => new BatchUploadProblem(found.RecipientId, found.Problem)) ?? []], error));
    }
}
