using System.Globalization;
using System.Text.RegularExpressions;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Rules that the data of several job types share. Their messages say what is allowed and never repeat the value.</summary>
internal static partial class FieldRules
{
    public static IRuleBuilderOptions<T, Guid> Id<T>(this IRuleBuilder<T, Guid> rule) =>
        rule.NotEmpty().WithMessage("is required: a UUID (8-4-4-4-12 hexadecimal digits, not all zero).");

    public static IRuleBuilderOptions<T, Guid?> OptionalId<T>(this IRuleBuilder<T, Guid?> rule) =>
        rule.Must(id => id != Guid.Empty).WithMessage("must be a UUID (8-4-4-4-12 hexadecimal digits, not all zero).");

    public static IRuleBuilderOptions<T, TEnum> Word<T, TEnum>(this IRuleBuilder<T, TEnum> rule)
        where TEnum : struct, Enum =>
        rule.IsInEnum().WithMessage($"is required: one of {EnumWords.Of<TEnum>()}.");

    public static IRuleBuilderOptions<T, string> Text<T>(this IRuleBuilder<T, string> rule) =>
        rule.Must(text => !string.IsNullOrEmpty(text)).WithMessage("is required: text of at least 1 character.")
            .Must(HasNoNul).WithMessage("must not contain the character U+0000.");

    public static IRuleBuilderOptions<T, string> Text<T>(this IRuleBuilder<T, string> rule, int longest) =>
        rule.Must(text => !string.IsNullOrEmpty(text)).WithMessage(Invariant($"is required: text of 1 to {longest} characters."))
            .Must(text => text is null || text.Length <= longest).WithMessage(Invariant($"must have at most {longest} characters."))
            .Must(HasNoNul).WithMessage("must not contain the character U+0000.");

    public static IRuleBuilderOptions<T, string?> OptionalText<T>(this IRuleBuilder<T, string?> rule, int longest = int.MaxValue) =>
        rule.Must(text => text is null || text.Length <= longest).WithMessage(Invariant($"must have at most {longest} characters."))
            .Must(HasNoNul).WithMessage("must not contain the character U+0000.");

    public static IRuleBuilderOptions<T, string?> Email<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(IsEmail).WithMessage("must be an e-mail address such as name@example.org.");

    public static IRuleBuilderOptions<T, string?> Phone<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(IsPhone).WithMessage("must be a phone number in E.164: + and 2 to 15 digits, no spaces.");

    public static IRuleBuilderOptions<T, string?> WebAddress<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            .WithMessage("must be an http or https URL.");

    public static IRuleBuilderOptions<T, int?> Within<T>(this IRuleBuilder<T, int?> rule, int least, int most) =>
        rule.Must(value => value is null || (value >= least && value <= most)).WithMessage(Invariant($"must be between {least} and {most}."));

    /// <summary>A rule for each item of a list. It names the first ten that are wrong: a list of 100,000 must not become 100,000 errors.</summary>
    /// <param name="rule">The list's rule.</param>
    /// <param name="check">Says what is wrong with an item, by the item's own field (empty for the item itself).</param>
    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<TItem>?> Each<T, TItem>(
        this IRuleBuilder<T, IReadOnlyList<TItem>?> rule, Func<TItem, (string Field, string Message)?> check) =>
        rule.Custom((items, context) =>
        {
            var found = 0;
            for (var i = 0; i < (items?.Count ?? 0) && found < 10; i++)
            {
                if (check(items![i]) is var (field, message))
                {
                    found++;
                    context.AddFailure(FieldNames.Join(Invariant($"{context.PropertyPath}[{i}]"), field), message);
                }
            }
        });

    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<string>?> EachText<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule, int longest) =>
        rule.Each<T, string>(text => !string.IsNullOrEmpty(text) && text.Length <= longest && HasNoNul(text)
            ? null
            : (string.Empty, Invariant($"must be text of 1 to {longest} characters without U+0000.")));

    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<Guid>?> EachId<T>(this IRuleBuilder<T, IReadOnlyList<Guid>?> rule) =>
        rule.Each<T, Guid>(id => id != Guid.Empty ? null : (string.Empty, "must be a UUID that is not all zero."));

    private static bool HasNoNul(string? text) => text?.Contains('\0', StringComparison.Ordinal) is not true;

    private static bool IsEmail(string? text) => text is null || (text.Length <= 254 && text.IndexOf('@', StringComparison.Ordinal) <= 64 && EmailPattern().IsMatch(text));

    private static bool IsPhone(string? text) => text is null || PhonePattern().IsMatch(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // The dot-atom form of RFC 5321 with a domain of at least two labels, the last one no number; quoted local parts and address literals are for no
    // person's mailbox. No limit of time: the text is short, and on a machine that stands still for a second a limit would refuse what is valid.
    [GeneratedRegex(
        @"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex EmailPattern();

    [GeneratedRegex(@"\A\+[1-9][0-9]{1,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PhonePattern();
}
