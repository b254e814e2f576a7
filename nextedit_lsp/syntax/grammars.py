"""The tables of the scripting and data languages.

In: nothing.  Out: ``LANGUAGES``, one ``Language`` each; what the columns mean is said there.
Not here: languages with declared types (``native_grammars``).
"""

from __future__ import annotations

from nextedit_lsp.syntax.languages import Bare, Bind, Language


def words(string: str) -> frozenset[str]:
    """The words of ``string``, as a set."""
    return frozenset(string.split())


def binds(**edges: str) -> dict[str, Bind]:
    """A table of binding edges, from the name of each kind to its edges."""
    return {edge: Bind[kind] for kind, listed in edges.items() for edge in listed.split()}


PYTHON = Language(
    name="python",
    grammar=("tree_sitter_python", "language"),
    ids=words("python jupyter"),
    extensions=words(".py .pyi .pyw .bzl .bazel sconstruct sconscript"),
    identifiers=words("identifier"),
    strings=words("string string_content string_start string_end"),
    functions=words("function_definition lambda"),
    classes={"class_definition": "name"},
    blocks=words("list_comprehension set_comprehension dictionary_comprehension generator_expression"),
    outside=words(
        "default_parameter.value typed_default_parameter.value typed_default_parameter.type typed_parameter.type "
        "function_definition.return_type class_definition.superclasses"
    ),
    through=words(
        "typed_parameter. default_parameter.name typed_default_parameter.name list_splat_pattern. "
        "dictionary_splat_pattern. pattern_list. tuple_pattern. list_pattern. as_pattern_target. tuple. list. "
        "parenthesized_expression. type. dotted_name."
    ),
    binds=binds(
        OUTER="function_definition.name class_definition.name",
        INNER="for_in_clause.left",
        FUNCTION=(
            "assignment.left augmented_assignment.left for_statement.left as_pattern.alias named_expression.name "
            "type_alias_statement.left case_pattern. keyword_pattern. splat_pattern. except_clause.alias"
        ),
        PARAMETER="parameters. lambda_parameters.",
        GENERIC="type_parameter.",
        IMPORT="import_from_statement.name",
        ALIAS="import_statement.name aliased_import.alias",
        OTHER="import_from_statement.module_name relative_import. future_import_statement.name",
        USE_GLOBAL="global_statement.",
        USE_OUTER="nonlocal_statement.",
    ),
    members={"attribute.attribute": "object"},
    receivers=words("self cls"),
    caps_are_types=True,
    bare_members=Bare.CLASS_BODY,
    keywords=words("keyword_argument.name"),
    keys=words("keyword_pattern."),
    literals={"class_pattern": ""},
    calls={"call": "function", "decorator": "", "class_definition": "name"},
    argument_lists=words("argument_list"),
    parameter_lists=words("parameters lambda_parameters"),
    aliasing=words("aliased_import"),
    namespaces=r"^[ \t]*import[ \t]+(?:[\w.]+[ \t]+as[ \t]+(\w+)|(\w+))",
)

_JAVASCRIPT_FUNCTIONS = (
    "function_declaration generator_function_declaration function_expression generator_function arrow_function "
    "method_definition"
)
_JAVASCRIPT_BLOCKS = "statement_block for_statement for_in_statement catch_clause switch_body"
_JAVASCRIPT_THROUGH = (
    "assignment_pattern.left object_assignment_pattern.left pair_pattern.value rest_pattern. object_pattern. "
    "array_pattern. variable_declarator.name required_parameter.pattern optional_parameter.pattern"
)
_JAVASCRIPT_BINDS = {
    "OUTER": "function_declaration.name generator_function_declaration.name class_declaration.name",
    "INNER": (
        "lexical_declaration. for_in_statement.left catch_clause.parameter function_expression.name "
        "generator_function.name"
    ),
    "FUNCTION": "variable_declaration.",
    "PARAMETER": "formal_parameters. arrow_function.parameter",
    "MEMBER": "method_definition.name field_definition.property",
    "IMPORT": "import_clause. import_specifier.name",
    "ALIAS": "namespace_import. import_specifier.alias",
    "OTHER": "labeled_statement.label break_statement.label continue_statement.label export_specifier.alias",
}

JAVASCRIPT = Language(
    name="javascript",
    grammar=("tree_sitter_javascript", "language"),
    ids=words("javascriptreact jsx js"),
    extensions=words(".js .jsx .mjs .cjs .es6"),
    identifiers=words(
        "identifier property_identifier private_property_identifier shorthand_property_identifier "
        "shorthand_property_identifier_pattern statement_identifier"
    ),
    strings=words("string string_fragment template_string regex regex_pattern"),
    comments=words("comment html_comment hash_bang_line"),
    functions=words(_JAVASCRIPT_FUNCTIONS),
    classes={"class_declaration": "name", "class": "name"},
    blocks=words(_JAVASCRIPT_BLOCKS),
    through=words(_JAVASCRIPT_THROUGH),
    binds=binds(**_JAVASCRIPT_BINDS),
    members={"member_expression.property": "object"},
    member_leaves=words("property_identifier private_property_identifier"),
    receivers=words("this"),
    caps_are_types=True,
    keywords=words("jsx_attribute."),
    calls={"call_expression": "function", "new_expression": "constructor"},
    argument_lists=words("arguments"),
    parameter_lists=words("formal_parameters"),
    aliasing=words("import_specifier"),
    tags=words("jsx_opening_element jsx_closing_element"),
    namespaces=r"^import[ \t]+\*[ \t]+as[ \t]+(\w+)()",
)


def _typescript(name: str, function: str, ids: str, extensions: str) -> Language:
    """TypeScript in one of its two grammars."""
    further = {
        "OUTER": (
            " interface_declaration.name type_alias_declaration.name enum_declaration.name function_signature.name "
            "abstract_class_declaration.name internal_module.name module.name"
        ),
        "MEMBER": (
            " public_field_definition.name property_signature.name method_signature.name enum_body.name "
            "abstract_method_signature.name enum_assignment.name"
        ),
        "GENERIC": " type_parameter.name",
    }
    edges = {kind: _JAVASCRIPT_BINDS.get(kind, "") + further.get(kind, "") for kind in (*_JAVASCRIPT_BINDS, "GENERIC")}
    return Language(
        name=name,
        grammar=("tree_sitter_typescript", function),
        ids=words(ids),
        extensions=words(extensions),
        identifiers=JAVASCRIPT.identifiers | words("type_identifier"),
        strings=JAVASCRIPT.strings,
        comments=JAVASCRIPT.comments,
        functions=JAVASCRIPT.functions
        | words("function_signature method_signature abstract_method_signature function_type construct_signature")
        | words("call_signature"),
        classes=dict(JAVASCRIPT.classes)
        | dict.fromkeys(("interface_declaration", "abstract_class_declaration", "enum_declaration"), "name"),
        blocks=JAVASCRIPT.blocks | words("type_alias_declaration"),
        through=JAVASCRIPT.through,
        binds=binds(**edges),
        members=dict(JAVASCRIPT.members) | {"nested_type_identifier.name": "module"},
        member_leaves=JAVASCRIPT.member_leaves,
        receivers=JAVASCRIPT.receivers,
        caps_are_types=True,
        keywords=JAVASCRIPT.keywords,
        calls=JAVASCRIPT.calls,
        argument_lists=JAVASCRIPT.argument_lists,
        parameter_lists=JAVASCRIPT.parameter_lists,
        aliasing=JAVASCRIPT.aliasing,
        tags=JAVASCRIPT.tags,
        namespaces=JAVASCRIPT.namespaces,
    )


TYPESCRIPT = _typescript("typescript", "language_typescript", "ts", ".ts .mts .cts")
TSX = _typescript("tsx", "language_tsx", "typescriptreact", ".tsx")

RUBY = Language(
    name="ruby",
    grammar=("tree_sitter_ruby", "language"),
    ids=words("rb"),
    extensions=words(".rb .rake .gemspec .ru rakefile gemfile"),
    identifiers=words(
        "identifier constant instance_variable class_variable global_variable hash_key_symbol simple_symbol"
    ),
    strings=words("string string_content heredoc_body heredoc_content regex"),
    functions=words("method singleton_method"),
    classes={"class": "name", "module": "name", "singleton_class": "value"},
    blocks=words("block do_block lambda"),
    through=words(
        "left_assignment_list. destructured_left_assignment. rest_assignment. optional_parameter.name "
        "splat_parameter.name keyword_parameter.name hash_splat_parameter.name block_parameter.name "
        "destructured_parameter. exception_variable. setter.name"
    ),
    binds=binds(
        OUTER="method.name singleton_method.name class.name module.name",
        ASSIGN="assignment.left operator_assignment.left for.pattern rescue.variable as_pattern.name",
        INNER="block_parameters. block_parameters.locals lambda_parameters.",
        PARAMETER="method_parameters.",
    ),
    members={"call.method": "receiver", "scope_resolution.name": "scope"},
    member_leaves=words("instance_variable class_variable simple_symbol hash_key_symbol"),
    type_leaves=words("constant global_variable"),
    apart=words("global_variable"),
    caps_are_types=True,
    global_leaves=words("global_variable"),
    receivers=words("self"),
    bare_members=Bare.EVERYWHERE,
    keywords=words("pair.key"),
    calls={"call": "method"},
    argument_lists=words("argument_list"),
    parameter_lists=words("method_parameters block_parameters lambda_parameters"),
    hard_functions=words("method singleton_method class module"),
)

PHP = Language(
    name="php",
    grammar=("tree_sitter_php", "language_php"),
    ids=frozenset(),
    extensions=words(".php .phtml .php5"),
    identifiers=words("name variable_name"),
    strings=words("string string_content encapsed_string heredoc_body nowdoc_string heredoc"),
    functions=words("function_definition method_declaration anonymous_function arrow_function"),
    classes=dict.fromkeys(
        ("class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"), "name"
    ),
    through=words(
        "variable_name. list_literal. pair. by_ref. property_element.name const_element. namespace_name. "
        "qualified_name. static_variable_declaration.name namespace_use_clause."
    ),
    binds=binds(
        OUTER=(
            "function_definition.name class_declaration.name interface_declaration.name trait_declaration.name "
            "enum_declaration.name method_declaration.name const_declaration."
        ),
        FUNCTION=(
            "assignment_expression.left augmented_assignment_expression.left catch_clause.name foreach_statement. "
            "function_static_declaration. reference_assignment_expression.left"
        ),
        PARAMETER="simple_parameter.name variadic_parameter.name property_promotion_parameter.name",
        MEMBER="property_declaration. enum_case.name",
        IMPORT="namespace_use_declaration.",
        ALIAS="namespace_use_clause.alias",
        OTHER="namespace_definition.name",
        USE_GLOBAL="global_declaration.",
        USE_OUTER="anonymous_function_use_clause.",
    ),
    members={
        "member_access_expression.name": "object",
        "nullsafe_member_access_expression.name": "object",
        "member_call_expression.name": "object",
        "nullsafe_member_call_expression.name": "object",
        "scoped_call_expression.name": "scope",
        "scoped_property_access_expression.name": "scope",
        "class_constant_access_expression.": "",
    },
    receivers=words("$this self static parent"),
    caps_are_types=True,
    method_edges=words(
        "function_definition.name method_declaration.name function_call_expression.function "
        "member_call_expression.name nullsafe_member_call_expression.name scoped_call_expression.name"
    ),
    keywords=words("argument.name"),
    calls={
        "function_call_expression": "function",
        "member_call_expression": "name",
        "nullsafe_member_call_expression": "name",
        "scoped_call_expression": "name",
        "object_creation_expression": "",
    },
    argument_lists=words("arguments"),
    parameter_lists=words("formal_parameters"),
    apart=words("variable_name"),
    aliasing=words("namespace_use_clause"),
    hard_functions=words("function_definition method_declaration anonymous_function"),
)

BASH = Language(
    name="bash",
    grammar=("tree_sitter_bash", "language"),
    ids=words("shellscript sh shell zsh"),
    extensions=words(".sh .bash .zsh .ksh .bashrc .bash_profile .profile .zshrc"),
    identifiers=words("variable_name word"),
    strings=words("string string_content raw_string heredoc_body"),
    functions=words("function_definition"),
    through=words("variable_assignment.name subscript.name"),
    binds=binds(
        GLOBAL="function_definition.name",
        # An assignment leads through to the declaration that makes its variable local.
        FUNCTION="declaration_command.",
        ASSIGN_GLOBAL="variable_assignment.name for_statement.variable",
    ),
    apart=words("variable_name"),
    calls={"command": "name"},
)

JSON = Language(
    name="json",
    grammar=("tree_sitter_json", "language"),
    ids=words("jsonc json5 jsonl"),
    extensions=words(".json .jsonc .json5 .code-workspace .webmanifest"),
    identifiers=frozenset(),
    strings=words("string string_content"),
    through=words("string."),
    binds=binds(MEMBER="pair.key"),
)

YAML = Language(
    name="yaml",
    grammar=("tree_sitter_yaml", "language"),
    ids=words("dockercompose github-actions-workflow"),
    extensions=words(".yaml .yml"),
    identifiers=words("anchor_name alias_name"),
    strings=words("string_scalar plain_scalar double_quote_scalar single_quote_scalar block_scalar"),
    through=words("plain_scalar. flow_node."),
    binds=binds(MEMBER="block_mapping_pair.key flow_pair.key", GLOBAL="anchor."),
)

TOML = Language(
    name="toml",
    grammar=("tree_sitter_toml", "language"),
    ids=frozenset(),
    extensions=words(".toml poetry.lock uv.lock cargo.lock pipfile"),
    identifiers=words("bare_key"),
    strings=words("string quoted_key"),
    member_leaves=words("bare_key"),
)

HTML = Language(
    name="html",
    grammar=("tree_sitter_html", "language"),
    ids=words("htm xhtml"),
    extensions=words(".html .htm .xhtml"),
    identifiers=words("tag_name attribute_name"),
    strings=words("attribute_value quoted_attribute_value"),
    member_leaves=words("attribute_name"),
    tags=words("start_tag end_tag"),
    apart=words("tag_name attribute_name"),
)

CSS = Language(
    name="css",
    grammar=("tree_sitter_css", "language"),
    ids=frozenset(),
    extensions=words(".css"),
    identifiers=words(
        "class_name id_name tag_name property_name identifier function_name plain_value keyframes_name feature_name "
        "attribute_name"
    ),
    strings=words("string_value string_content"),
    comments=words("comment js_comment"),
    apart=words("class_name id_name tag_name function_name keyframes_name feature_name attribute_name"),
)

LANGUAGES = (PYTHON, JAVASCRIPT, TYPESCRIPT, TSX, RUBY, PHP, BASH, JSON, YAML, TOML, HTML, CSS)
