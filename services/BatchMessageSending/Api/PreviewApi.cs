using Microsoft.OpenApi;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.BatchMessageSending;

/// <summary><c>POST /batches/preview</c>: what a batch would send, without sending it.</summary>
internal static class PreviewApi
{
    private const int DefaultLimit = 5;
    private const int MostMessages = 50;

    public static void MapBatchPreview(this IEndpointRouteBuilder app) => app.MapGroup("/batches").WithTags("Batches")
        .ForRole(AccessRoles.Operator) // It shows what messages say, which a viewer is not shown.
        .AnswerWhenAway("Nothing was sent; try again.")
        .MapPost("/preview", PreviewAsync)
        .WithName("PreviewBatch")
        .WithSummary("The first messages that a batch would send, and what is wrong with any of them; nothing is sent")
        .WithQueryParameter("limit", JsonSchemaType.Integer, $"Messages to show: 0–{MostMessages}. Default: {DefaultLimit}.")
        .Produces<BatchPreview>()
        .ProducesValidationProblem();

    private static async Task<IResult> PreviewAsync(BatchSendJob data, QueryInput input, BatchPlanner planner, CancellationToken cancellationToken)
    {
        foreach (var (field, problems) in new BatchSendJobValidator().Validate(data).ToDictionary())
        {
            input.Errors[char.ToLowerInvariant(field[0]) + field[1..]] = problems;
        }

        var limit = input.Number("limit", DefaultLimit, 0, MostMessages);
        if (input.HasErrors)
        {
            return input.Problem();
        }

        var (preview, error) = await planner.PreviewAsync(data, limit, cancellationToken);
        return preview is not null ? TypedResults.Ok(preview) : TypedResults.ValidationProblem(new Dictionary<string, string[]> { [FieldOf(error!)] = [error!] });
    }

    // Errors of a plan begin with their field where they have one.
    private static string FieldOf(string error) => error.IndexOf(':', StringComparison.Ordinal) is var end and > 0 && !error[..end].Contains(' ', StringComparison.Ordinal) ? error[..end] : "content";
}
