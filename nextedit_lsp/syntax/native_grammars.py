"""The tables of the languages with declared types.

In: nothing.  Out: ``LANGUAGES``, one ``Language`` each; what the columns mean is said there.
Not here: scripting and data languages (``grammars``).
"""

from __future__ import annotations

from nextedit_lsp.syntax.grammars import binds, words
from nextedit_lsp.syntax.languages import Bare, Language

GO = Language(
    name="go",
    grammar=("tree_sitter_go", "language"),
    ids=words("golang"),
    extensions=words(".go"),
    identifiers=words("identifier field_identifier type_identifier package_identifier label_name"),
    strings=words(
        "interpreted_string_literal interpreted_string_literal_content raw_string_literal raw_string_literal_content "
        "rune_literal"
    ),
    functions=words("function_declaration method_declaration func_literal method_elem function_type"),
    classes={"type_spec": "name"},
    blocks=words(
        "block for_statement if_statement expression_switch_statement type_switch_statement expression_case "
        "default_case type_case communication_case"
    ),
    through=words("expression_list. type_parameter_declaration.name"),
    binds=binds(
        OUTER="function_declaration.name type_spec.name type_alias.name",
        INNER=(
            "short_var_declaration.left var_spec.name const_spec.name range_clause.left receive_statement.left "
            "type_switch_statement.alias"
        ),
        PARAMETER="parameter_declaration.name variadic_parameter_declaration.name",
        GENERIC="type_parameter_list.",
        MEMBER="field_declaration.name method_elem.name method_declaration.name",
        ALIAS="import_spec.name",
        OTHER="package_clause. labeled_statement.label goto_statement. break_statement. continue_statement.",
    ),
    members={"selector_expression.field": "operand", "qualified_type.name": "package"},
    member_leaves=words("field_identifier"),
    keys=words("literal_element."),
    literals={"composite_literal": "type"},
    calls={"call_expression": "function"},
    argument_lists=words("argument_list"),
    parameter_lists=words("parameter_list"),
    sequential=True,
    namespaces=r'^(?:import)?[ \t]*(?:(\w+)[ \t]+)?"(?:[^"\n]*/)?([\w.-]+)"[ \t]*(?://.*)?$',
    namespace_sign='"',
)

RUST = Language(
    name="rust",
    grammar=("tree_sitter_rust", "language"),
    ids=words("rs"),
    extensions=words(".rs"),
    identifiers=words("identifier field_identifier type_identifier shorthand_field_identifier"),
    strings=words("string_literal string_content raw_string_literal char_literal"),
    comments=words("line_comment block_comment doc_comment"),
    functions=words("function_item closure_expression function_signature_item"),
    classes=dict.fromkeys(("struct_item", "enum_item", "union_item", "trait_item"), "name") | {"impl_item": "type"},
    blocks=words("block match_arm if_expression while_expression for_expression mod_item type_item macro_definition"),
    through=words(
        "tuple_pattern. tuple_struct_pattern. struct_pattern. field_pattern.name field_pattern.pattern ref_pattern. "
        "mut_pattern. reference_pattern. captured_pattern. slice_pattern. or_pattern. match_pattern. parameter.pattern "
        "use_list. use_wildcard. scoped_use_list.list scoped_identifier.name"
    ),
    binds=binds(
        OUTER=(
            "function_item.name struct_item.name enum_item.name union_item.name trait_item.name mod_item.name "
            "const_item.name static_item.name type_item.name macro_definition.name function_signature_item.name"
        ),
        INNER="let_declaration.pattern let_condition.pattern for_expression.pattern match_arm.pattern",
        PARAMETER="parameters. closure_parameters.",
        GENERIC="type_parameter.name const_parameter.name",
        MEMBER="field_declaration.name enum_variant.name associated_type.name",
        IMPORT="use_declaration.argument",
        ALIAS="use_as_clause.alias",
        OTHER="lifetime. lifetime.name label.",
    ),
    members={
        "field_expression.field": "value",
        "scoped_identifier.name": "path",
        "scoped_type_identifier.name": "path",
    },
    member_leaves=words("field_identifier"),
    receivers=words("self Self"),
    caps_are_types=True,
    literals={"struct_expression": "name", "struct_pattern": "type"},
    calls={"call_expression": "function", "macro_invocation": "macro"},
    argument_lists=words("arguments"),
    parameter_lists=words("parameters closure_parameters"),
    aliasing=words("use_as_clause"),
    hard_functions=words("function_item"),
    sequential=True,
    redeclares=True,
)

JAVA = Language(
    name="java",
    grammar=("tree_sitter_java", "language"),
    ids=frozenset(),
    extensions=words(".java"),
    identifiers=words("identifier type_identifier"),
    strings=words("string_literal string_fragment character_literal"),
    comments=words("line_comment block_comment"),
    functions=words("method_declaration constructor_declaration lambda_expression compact_constructor_declaration"),
    classes=dict.fromkeys(
        (
            "class_declaration",
            "interface_declaration",
            "enum_declaration",
            "record_declaration",
            "annotation_type_declaration",
        ),
        "name",
    ),
    blocks=words(
        "block constructor_body for_statement enhanced_for_statement catch_clause try_with_resources_statement "
        "switch_block_statement_group"
    ),
    through=words("variable_declarator.name variable_declarator. scoped_identifier.name"),
    binds=binds(
        OUTER=(
            "class_declaration.name interface_declaration.name enum_declaration.name record_declaration.name "
            "method_declaration.name annotation_type_declaration.name"
        ),
        INNER=(
            "local_variable_declaration.declarator enhanced_for_statement.name resource.name "
            "catch_formal_parameter.name instanceof_expression.name type_pattern. record_pattern_component."
        ),
        PARAMETER="formal_parameter.name spread_parameter. inferred_parameters. lambda_expression.parameters",
        GENERIC="type_parameter.",
        MEMBER="field_declaration.declarator constant_declaration.declarator enum_constant.name",
        IMPORT="import_declaration.",
        OTHER="labeled_statement. break_statement. continue_statement. package_declaration.",
    ),
    members={
        "field_access.field": "object",
        "method_invocation.name": "object",
        "scoped_identifier.name": "scope",
        "scoped_type_identifier.": "",
        "method_reference.": "",
    },
    receivers=words("this super"),
    caps_are_types=True,
    method_edges=words("method_declaration.name method_invocation.name"),
    bare_members=Bare.EVERYWHERE,
    calls={
        "method_invocation": "name",
        "object_creation_expression": "type",
        "explicit_constructor_invocation": "constructor",
        "annotation": "name",
    },
    argument_lists=words("argument_list"),
    parameter_lists=words("formal_parameters inferred_parameters"),
)

_C_IDENTIFIERS = "identifier field_identifier type_identifier statement_identifier"
_C_THROUGH = (
    "init_declarator.declarator pointer_declarator.declarator array_declarator.declarator parenthesized_declarator. "
    "function_declarator.declarator attributed_declarator."
)
_C_BINDS = {
    "OUTER": (
        "function_definition.declarator struct_specifier.name union_specifier.name enum_specifier.name "
        "preproc_def.name preproc_function_def.name"
    ),
    "INNER": "declaration.declarator type_definition.declarator enumerator.name for_range_loop.declarator",
    "PARAMETER": "parameter_declaration.declarator preproc_params.",
    "MEMBER": "field_declaration.declarator",
    "OTHER": "goto_statement.label labeled_statement.label",
}

C = Language(
    name="c",
    grammar=("tree_sitter_c", "language"),
    ids=frozenset(),
    extensions=words(".c .h"),
    identifiers=words(_C_IDENTIFIERS),
    strings=words("string_literal string_content char_literal system_lib_string"),
    functions=words("function_definition preproc_function_def"),
    classes={"struct_specifier": "name", "union_specifier": "name"},
    blocks=words("compound_statement for_statement"),
    through=words(_C_THROUGH),
    binds=binds(**_C_BINDS),
    members={"field_expression.field": "argument"},
    member_leaves=words("field_identifier"),
    calls={"call_expression": "function"},
    argument_lists=words("argument_list"),
    parameter_lists=words("parameter_list preproc_params"),
    with_body=words("struct_specifier union_specifier enum_specifier class_specifier"),
    prototypes=words("declaration field_declaration parameter_declaration type_definition"),
    sequential=True,
)

CPP = Language(
    name="cpp",
    grammar=("tree_sitter_cpp", "language"),
    ids=words("c++ cuda-cpp objective-cpp"),
    extensions=words(".cpp .cc .cxx .c++ .hpp .hh .hxx .h++ .inl .ipp .tpp .cu .cuh"),
    identifiers=words(_C_IDENTIFIERS + " namespace_identifier"),
    strings=C.strings | words("raw_string_literal raw_string_content"),
    functions=C.functions | words("lambda_expression"),
    classes=dict(C.classes) | {"class_specifier": "name", "enum_specifier": "name"},
    blocks=C.blocks | words("for_range_loop if_statement while_statement catch_clause template_declaration"),
    through=C.through | words("reference_declarator. structured_binding_declarator. qualified_identifier.name"),
    binds=binds(
        OUTER=_C_BINDS["OUTER"] + " class_specifier.name namespace_definition.name",
        INNER=_C_BINDS["INNER"] + " alias_declaration.name",
        PARAMETER=_C_BINDS["PARAMETER"] + " optional_parameter_declaration.declarator",
        GENERIC="type_parameter_declaration. optional_type_parameter_declaration.name",
        MEMBER=_C_BINDS["MEMBER"],
        OTHER=_C_BINDS["OTHER"],
    ),
    members=dict(C.members) | {"qualified_identifier.name": "scope"},
    member_leaves=C.member_leaves,
    receivers=words("this"),
    bare_members=Bare.EVERYWHERE,
    calls={"call_expression": "function", "new_expression": "type", "field_initializer": ""},
    argument_lists=words("argument_list"),
    parameter_lists=words("parameter_list preproc_params"),
    with_body=C.with_body,
    prototypes=C.prototypes | words("optional_parameter_declaration"),
    sequential=True,
)

CSHARP = Language(
    name="csharp",
    grammar=("tree_sitter_c_sharp", "language"),
    ids=words("c# cs"),
    extensions=words(".cs .csx"),
    identifiers=words("identifier implicit_parameter"),
    strings=words("string_literal string_literal_content verbatim_string_literal raw_string_literal string_content"),
    functions=words(
        "method_declaration constructor_declaration local_function_statement lambda_expression delegate_declaration "
        "anonymous_method_expression operator_declaration destructor_declaration accessor_declaration"
    ),
    classes=dict.fromkeys(
        (
            "class_declaration",
            "struct_declaration",
            "interface_declaration",
            "enum_declaration",
            "record_declaration",
            "record_struct_declaration",
        ),
        "name",
    ),
    blocks=words("block for_statement foreach_statement using_statement catch_clause switch_section query_expression"),
    through=words("variable_declarator.name variable_declaration. variable_declarator. tuple_pattern.name"),
    binds=binds(
        OUTER=(
            "class_declaration.name struct_declaration.name interface_declaration.name enum_declaration.name "
            "record_declaration.name method_declaration.name local_function_statement.name delegate_declaration.name "
            "namespace_declaration.name"
        ),
        INNER=(
            "local_declaration_statement. for_statement.initializer foreach_statement.left using_statement. "
            "catch_declaration.name declaration_pattern.name declaration_expression.name from_clause.name "
            "var_pattern.name"
        ),
        PARAMETER="parameter.name parameter_list.name lambda_expression.parameters",
        GENERIC="type_parameter.name",
        MEMBER=(
            "field_declaration. event_field_declaration. property_declaration.name event_declaration.name "
            "enum_member_declaration.name"
        ),
        ALIAS="using_directive.name",
        OTHER="goto_statement. labeled_statement.",
    ),
    members={
        "member_access_expression.name": "expression",
        "member_binding_expression.name": "",
        "qualified_name.name": "qualifier",
    },
    receivers=words("this base"),
    bare_members=Bare.EVERYWHERE,
    keywords=words("argument.name"),
    keys=words("subpattern."),
    literals={"object_creation_expression": "type", "recursive_pattern": "type"},
    calls={
        "invocation_expression": "function",
        "object_creation_expression": "type",
        "constructor_initializer": "",
    },
    argument_lists=words("argument_list"),
    parameter_lists=words("parameter_list"),
)

LANGUAGES = (GO, RUST, JAVA, C, CPP, CSHARP)
